export default {
  queue: {
    title: "Ticket list",
    search: "Subject, customer or number",
    sort: "Sort by",
    by: {
      due: "Due first",
      updated: "Latest first",
    },
    empty: "Nothing here. All is quiet.",
    nothingFound: "Nothing found.",
    failed: "The list could not be loaded.",
    unread: "Unread",
    we: "You: {text}",
    held: "To approve: {text}",
  },
  span: {
    days: "{a} d",
    hours: "{a} h {b} min",
    minutes: "{a} min",
    seconds: "{a} s",
  },
  due: {
    left: "{span} left",
    late: "{span} late",
    waiting: "waiting {span}",
    at: "Reply due {at}",
  },
  status: {
    open: "Open",
    pending: "Waiting",
    snoozed: "Snoozed",
    resolved: "Resolved",
    closed: "Closed",
    spam: "Spam",
  },
  priority: {
    urgent: "Urgent",
    high: "High",
    normal: "Normal",
    low: "Low",
  },
  channel: {
    line: "LINE",
    email: "Email",
    chat: "Chat",
    phone: "Phone",
  },
  language: {
    ja: "Japanese",
    en: "English",
  },
};
