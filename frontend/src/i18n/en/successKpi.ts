export default {
  successKpi: {
    title: "Figures",
    lastDays: "The last {n} days",
    margin: "Margin",
    health: "Health",
    moved: "How accounts moved in the period",
    from: "From",
    unmoved: "The period's beginning has no record of health yet",
    nothing: "Nothing is counted in this period",
    day: "Day",
    numerator: "Numerator",
    denominator: "Denominator",
  },
};
