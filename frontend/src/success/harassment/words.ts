// What the server's codes of reports stand for.
export const CATEGORIES = ["abuse", "threat", "holding", "repetition", "demand", "exposure", "sexual", "other"] as const;
