//! What Elasticsearch would refuse is written as it takes it; each line is checked by the model of an index (`support`).

use serde_json::json;
use standards_core::log::{LogFormat, LogLevel, Record, Value, capture::problems_of};
use tracing::info;

use crate::support::{in_sample_request, lines_with, options, record};

/// The context of a record with one field.
#[track_caller]
fn context_of(value: impl Into<Value>) -> serde_json::Value {
    record(|| Record::new(LogLevel::Info, "m").field("a", value).emit()).get("context").cloned().unwrap_or_default()
}

fn map(entries: &[(&'static str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

#[test]
fn a_text_and_an_object_never_share_a_name() {
    let both = record(|| info!(target: "standards", user = "x", user.name = "y", "m"));
    assert_eq!(both["context"], json!({"user": "x", "user_name": "y"}));
    let inside = context_of(map(&[("user.name", "y".into()), ("user", "x".into()), ("user_name", "z".into())]));
    assert_eq!(inside["a"], json!({"user_name": "y", "user": "x"}), "the first of one name stays");
}

#[test]
fn a_name_is_never_blank_nor_a_path() {
    let names = ["", " ", ".", "a..b", "a.", "\u{a0}", "omitted.fields"];
    let record = record(|| Record::new(LogLevel::Info, "m").fields(names.map(|name| (name, name))).emit());
    assert_eq!(record["context"], json!({"_": "", "a__b": "a..b", "a_": "a.", "omitted_fields": 1}));
    let owned = |name: &str| Record::new(LogLevel::Info, "m").field(name.to_owned(), 1).emit();
    assert_eq!(crate::support::record(|| owned("x.y"))["context"], json!({"x_y": 1}));
}

#[test]
fn a_number_that_no_index_holds_is_a_text() {
    let record = record(|| info!(target: "standards", a = u64::MAX, b = i64::MAX as u64, c = i64::MIN, d = f64::MAX, "m"));
    assert_eq!(record["context"], json!({"a": "18446744073709551615", "b": i64::MAX, "c": i64::MIN, "d": f64::MAX}));
    assert_eq!(context_of(1_u64 << 63)["a"], json!("9223372036854775808"));
}

#[test]
fn a_list_that_no_one_field_holds_is_one_of_texts() {
    let mixed =
        Value::List(vec![1.into(), "x".into(), Value::Null, true.into(), Value::List(vec![2.into()]), map(&[("b", 1.into())])]);
    assert_eq!(context_of(mixed)["a"], json!(["1", "x", null, "true", "[2]", "{\"b\":1}"]));
    let objects = Value::List(vec![map(&[("b", 1.into())]), map(&[("b", "x".into()), ("nombre", "Ana".into())])]);
    assert_eq!(context_of(objects)["a"], json!(["{\"b\":1}", "{\"b\":\"x\",\"nombre\":\"[redacted]\"}"]));
    assert_eq!(context_of(vec![5_u64, u64::MAX])["a"], json!(["5", "18446744073709551615"]));
    assert_eq!(context_of(vec![5_u64, 4_111_111_111_111_111])["a"], json!(["5", "[redacted]"]));
    assert_eq!(context_of(Value::List(vec![1.into(), 1e300.into()]))["a"], json!(["1", "1e+300"]));
}

#[test]
fn a_list_that_one_field_holds_stays() {
    let lists = [
        Value::from(vec![1, 2]),
        Value::List(vec![1.into(), 2.5.into(), Value::Null, f64::NAN.into()]),
        Value::List(vec![1e300.into(), 2.5.into()]),
        Value::List(vec![map(&[("b", 1.into())]), map(&[("b", Value::Null), ("c", "x".into())])]),
        Value::List(vec![Value::from(vec![1]), Value::from(vec![2, 3])]),
    ];
    for list in lists {
        let expected = serde_json::to_value(&list).unwrap();
        assert_eq!(context_of(list)["a"], expected);
    }
}

#[test]
fn a_list_that_is_cut_says_so_in_its_own_type() {
    let texts = context_of(vec!["x"; 70]);
    assert_eq!((texts["a"].as_array().unwrap().len(), &texts["a"][64]), (65, &json!("…")));
    let objects = context_of(Value::List(vec![map(&[("b", 1.into())]); 70]));
    assert_eq!(objects["a"][64], json!({"…": true}));
    let numbers = context_of(vec![7; 70]);
    assert_eq!((numbers["a"].as_array().unwrap().len(), &numbers["omitted_fields"]), (64, &json!(1)));
    let nothing = Value::List(vec![Value::List(vec![Value::Null; 70]), Value::List(vec![map(&[("b", 1.into())])])]);
    assert_eq!(context_of(nothing)["omitted_fields"], 1);
    let blank = Value::List(vec![map(&[("", 1.into())]), map(&[(" ", "x".into())])]);
    assert_eq!(context_of(blank)["a"], json!(["{\"_\":1}", "{\"_\":\"x\"}"]));
}

#[test]
fn both_forms_are_taken() {
    for format in [LogFormat::Json, LogFormat::Ecs] {
        let lines = lines_with(&options().with_format(format), || {
            in_sample_request(|| {
                info!(target: "sqlx::query", db = 1, db.statement = "select", "m");
                tracing::error!(target: "ms_pago_service", error = "y", error.kind = "x", "m");
            });
        });
        for line in lines {
            assert_eq!(problems_of(line.as_bytes()), Vec::<String>::new(), "{line}");
        }
    }
}
