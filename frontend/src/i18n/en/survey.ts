export default {
  survey: {
    about: "After a resolution the customer is asked for a rating from 1 to 5: by buttons on LINE and in the chat, by a link to a page in a mail. A person is asked at most once in 30 days. Spam, tickets that no agent answered, and customers who cannot be reached are not asked. On the telephone, callers who stay on the line when the agent has hung up are asked for a key from 1 to 5, whether or not it is resolved; customers whom we called back are not.",
    cost: "On LINE each question counts as one message (the thanks are free).",
    name: "Name that customers see",
    delay: "After the resolution (minutes)",
    inboxes: "Channels that ask",
    none: "There is no channel yet that could ask.",
    low: "#{number}: a low rating ({score} of 5)",
    reason: { wait: "Waiting time", unsolved: "Not solved", unclear: "Hard to follow", manner: "Manner of the reply", product: "Product or service", other: "Something else" },
  },
};
