// Why something about a telephone call is refused.
export default {
  call_taken: "Somebody else has answered.",
  call_over: "The call is already over.",
  rings_elsewhere: "This call rings with somebody else. A lead may take it over.",
  no_phone: "Enter your telephone number in the settings first.",
  no_softphone: "This inbox has no browser telephone.",
  no_phone_inbox: "There is no telephone inbox to call from.",
  no_number: "There is no telephone number for this customer.",
  withheld_number: "The caller withheld their number.",
  wrong_number: "This is no number that can be called.",
  emergency_number: "Emergency numbers are not called from here.",
  premium_number: "Premium-rate numbers are not called from here.",
  costly_number: "Calls to this number cost more.",
  already_calling: "You are calling somebody already.",
  call_going_on: "There is a call with this customer right now.",
};
