//! `JUnit`: a suite per family, a case per rule, for the CI of others.

use std::fmt::Write as _;

use standards_core::rules::catalogue;

use super::Report;
use crate::conformance::model::{Judged, Status};
use crate::conformance::text::escape;

pub(super) fn junit(report: &Report) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"standards-check\">\n".to_owned();
    for family in &catalogue().families {
        let count = |wanted: &dyn Fn(Status) -> bool| report.family(&family.id).filter(|one| wanted(one.status)).count();
        let (tests, failures, skipped) = (count(&|_| true), count(&Status::is_broken), count(&is_skipped));
        let name = escape(family.title.of(report.language));
        let _ = writeln!(
            text,
            "  <testsuite name=\"{} {name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">",
            family.id
        );
        report.family(&family.id).for_each(|one| case(&mut text, report, one));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

const fn is_skipped(status: Status) -> bool {
    matches!(status, Status::Waived | Status::NotApplicable | Status::NotTested | Status::Review)
}

fn case(text: &mut String, report: &Report, one: &Judged) {
    let title = escape(one.rule.title.of(report.language));
    let _ = write!(text, "    <testcase classname=\"standards.{}\" name=\"{} {title}\" time=\"0\"", one.rule.family, one.rule.id);
    let reason = escape(one.reason.of(report.language));
    if is_skipped(one.status) {
        let _ = writeln!(text, ">\n      <skipped message=\"{}: {reason}\"/>\n    </testcase>", one.status.as_str());
    } else if one.status.is_broken() {
        let expected = one.evidence.first().map(|evidence| escape(evidence.expected.of(report.language))).unwrap_or_default();
        let _ = writeln!(text, ">\n      <failure message=\"{expected}\" type=\"{}\"/>", one.rule.level);
        let _ = writeln!(text, "      <system-out>{}</system-out>\n    </testcase>", escape(&evidence(report, one)));
    } else {
        text.push_str("/>\n");
    }
}

fn evidence(report: &Report, one: &Judged) -> String {
    let mut told = String::new();
    for evidence in &one.evidence {
        let request = evidence.request.as_deref().unwrap_or_default();
        let _ = writeln!(told, "{}\n{}\n{request}", evidence.expected.of(report.language), evidence.obtained);
    }
    told
}
