export default {
  kinds: {
    kind: "Kind",
    suggested: "Guessed",
    take: "Take it",
  },
  touch: {
    version: "Version {n}",
    copied: "#{number} came in (told to the success manager)",
    answers: "Answered by: {who}",
    wentBy: "Went by",
    cell: "Cell",
    noCell: "No cell fits",
    noTier: "No touch yet",
    noKind: "No kind yet",
    everywhere: "Everywhere",
    told: "By the matrix this is answered by: {who}",
    restHours: "hours of rest",
    owner: {
      support: "Support",
      pool: "Success team",
      manager: "Success manager",
    },
    hours: {
      in: "In business hours",
      out: "Out of hours",
    },
  },
};
