//! A badge: the verdict and the obligatory rules, as an SVG that asks nobody.

use serde_json::Value;

use super::compare::Earlier;
use crate::conformance::text::escape;

/// How wide a letter is, about.
const LETTER: usize = 7;

/// The picture of a report.
pub(in crate::conformance) fn badge(run: &Earlier) -> String {
    let colour = match run.verdict() {
        "CONFORME" => "#11693a",
        "CONFORME CON EXCEPCIONES" | "INCOMPLETO" => "#7a4b00",
        _ => "#a8161f",
    };
    let told = match run.must() {
        Some([kept, total]) => format!("{} {kept}/{total}", run.verdict()),
        None => run.verdict().to_owned(),
    };
    let (label, told) = ("lineamiento", escape(&told));
    let [left, right] = [label, told.as_str()].map(|text| text.chars().count() * LETTER + 16);
    let (width, middle, end) = (left + right, left / 2, left + right / 2);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"20\" role=\"img\" aria-label=\"{label}: {told}\">\
         <title>{label}: {told}</title><rect width=\"{left}\" height=\"20\" fill=\"#3c4650\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{colour}\"/>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"{middle}\" y=\"14\">{label}</text><text x=\"{end}\" y=\"14\">{told}</text></g></svg>\n"
    )
}

impl Earlier {
    /// The obligatory rules that are kept or waived, and all of them.
    fn must(&self) -> Option<[u64; 2]> {
        let must = self.member("summary")?.get("must")?;
        let number = |name| must.get(name).and_then(Value::as_u64);
        Some([number("pass")?.saturating_add(number("waived")?), number("total")?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        badge(&Earlier::read(file.path().to_str().unwrap()).unwrap())
    }

    #[test]
    fn a_badge_tells_the_verdict_and_the_obligatory_rules() {
        let summary = "\"summary\":{\"must\":{\"pass\":44,\"waived\":1,\"total\":46}}";
        let picture = of(&format!("{{\"schema\":1,\"rules\":[],\"verdict\":\"INCOMPLETO\",{summary}}}"));
        assert!(picture.contains(">INCOMPLETO 45/46</text>") && picture.contains("#7a4b00"), "{picture}");
        assert!(of("{\"schema\":1,\"rules\":[],\"verdict\":\"CONFORME\"}").contains(">CONFORME</text>"));
    }

    #[test]
    fn a_report_of_somebody_else_draws_nothing_of_its_own() {
        let picture = of("{\"schema\":1,\"rules\":[],\"verdict\":\"</text><script>\"}");
        assert!(!picture.contains("<script>") && picture.contains("#a8161f"), "{picture}");
    }
}
