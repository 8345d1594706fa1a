//! What JMeter calls the columns of its listeners in the languages of its user interface: tables are saved with the names shown.
//!
//! Source: `messages_*.properties` of Apache JMeter 5 (keys `aggregate_report_*` and `average`). A name without a translation there
//! stays English, so languages mix in one header.

/// A figure of a listener's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Number of samples.
    Samples,
    /// Mean of the times.
    Mean,
    /// Median of the times.
    Median,
    /// Least time.
    Min,
    /// Greatest time.
    Max,
    /// Share of failures.
    Errors,
    /// Samples per second.
    Rate,
}

const WORDS: [(&str, Word); 41] = [
    ("# Samples", Word::Samples),
    ("Anz. der Proben", Word::Samples),
    ("# Echantillons", Word::Samples),
    ("# Muestras", Word::Samples),
    ("# Amostras", Word::Samples),
    ("# 样本", Word::Samples),
    ("取樣數", Word::Samples),
    ("Average", Word::Mean),
    ("Durchschnitt", Word::Mean),
    ("Moyenne", Word::Mean),
    ("Media", Word::Mean),
    ("Média", Word::Mean),
    ("平均值", Word::Mean),
    ("Median", Word::Median),
    ("Mittel", Word::Median),
    ("Médiane", Word::Median),
    ("Mediana", Word::Median),
    ("中位数", Word::Median),
    ("中間值", Word::Median),
    ("Min", Word::Min),
    ("Mín", Word::Min),
    ("Mín.", Word::Min),
    ("最小值", Word::Min),
    ("Max", Word::Max),
    ("Máx", Word::Max),
    ("Máx.", Word::Max),
    ("最大值", Word::Max),
    ("Error %", Word::Errors),
    ("% Fehler", Word::Errors),
    ("% Erreur", Word::Errors),
    ("% Error", Word::Errors),
    ("% de Erro", Word::Errors),
    ("异常 %", Word::Errors),
    ("錯誤率", Word::Errors),
    ("Throughput", Word::Rate),
    ("Durchsatz", Word::Rate),
    ("Débit", Word::Rate),
    ("Rendimiento", Word::Rate),
    ("Vazão", Word::Rate),
    ("吞吐量", Word::Rate),
    ("處理量", Word::Rate),
];

/// Labels of the row that sums the others up.
const TOTALS: [&str; 6] = ["TOTAL", "Gesamt", "Total", "总体", "總計", "合計"];

/// What a column holds; nothing for others.
pub fn word(column: &str) -> Option<Word> {
    let column = column.trim();
    WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(column)).map(|(_, word)| *word)
}

/// The percent of a percentile's column: `90% Line`, `99.9% centile`, `95% 百分位`.
pub fn percent(column: &str) -> Option<&str> {
    let (percent, behind) = column.trim().split_once('%')?;
    let named = ["Line", "centile", "百分位"].contains(&behind.trim());
    named.then_some(percent.trim())
}

/// Whether a label may be that of the sum.
pub fn is_total(label: &str) -> bool {
    TOTALS.contains(&label.trim())
}
