//! Arbitrary records: each is one line that keeps the contract.

use proptest::prelude::*;
use standards_core::log::capture::problems_of;
use standards_core::log::{LogFormat, LogLevel, Record, Value};
use standards_core::{ErrorStatus, Failure};

use crate::support::{lines_with, options};

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        any::<u64>().prop_map(Value::U64),
        any::<f64>().prop_map(Value::F64),
        any_text().prop_map(|text| Value::Str(text.into())),
    ];
    leaf.prop_recursive(12, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            // More elements than a record shows.
            inner.clone().prop_map(|value| Value::List(vec![value; 70])),
            prop::collection::vec((any_text(), inner.clone()), 0..4).prop_map(|entries| Value::List(
                entries.into_iter().map(|(name, value)| Value::Map(vec![(name.into(), value)])).collect()
            )),
            prop::collection::vec((any_text(), inner), 0..4)
                .prop_map(|entries| Value::Map(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())),
        ]
    })
}

/// Any characters; names that are equal; texts that are too long, of characters that become longer when they are escaped.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![8 => "\\PC{0,20}|[\u{0}-\u{ff}]{0,20}", 8 => "[a-c. ]{0,3}", 1 => ("[\u{0}-\u{ff}]{1,40}", 0..500_usize).prop_map(|(text, times)| text.repeat(times))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_record_is_one_valid_line(
        level in prop_oneof![Just(LogLevel::Info), Just(LogLevel::Error)],
        format in prop_oneof![Just(LogFormat::Json), Just(LogFormat::Ecs)],
        message in any_text(),
        target in any_text(),
        fields in prop::collection::vec((any_text(), any_value()), 0..70),
    ) {
        let failure = Failure::http(ErrorStatus::NOT_FOUND).with_cause(message.clone());
        let lines = lines_with(&options().with_format(format), || {
            Record::new(level, message.as_str()).target(&target).fields(fields.clone()).failure(&failure).emit();
        });
        prop_assert_eq!(lines.len(), 1);
        prop_assert_eq!(problems_of(lines[0].as_bytes()), Vec::<String>::new());
    }
}
