export default {
  successKpi: {
    title: "指標",
    lastDays: "直近 {n} 日",
    margin: "粗利率",
    health: "ヘルスの分布",
    moved: "期首から期末への移り変わり (アカウント数)",
    from: "期首",
    unmoved: "期首の記録がまだないため、移り変わりは出せません",
    nothing: "この期間に数えるものはありません",
    day: "日",
    numerator: "分子",
    denominator: "分母",
  },
};
