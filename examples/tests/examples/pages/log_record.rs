//! `docs/log-record.md`: the keys of a log line, made of the schemas that the tests of the log hold its lines to.

use std::fmt::Write as _;

use serde_json::{Map, Value};

const BEGINNING: &str = "# Log record

Made of `standards-core/schemas/log-record.schema.json` and `log-record-ecs.schema.json` by `ACCEPT_PAGES=1 cargo test -p examples --test examples pages`, and compared by the same
test. The schemas are what every line of the log is held to in tests (`standards_core::log::capture`, `standards-core/tests/log`).

One JSON object per line on standard output, at most 16 KiB; longer values are cut and marked. Keys stand in the order of the table and are absent when empty. A key is never there twice, and a field that
would collide with one goes under `context`. Secrets are masked by type, by name and by shape, in every record.

```json
{\"@timestamp\":\"2025-07-04T10:30:45.123Z\",\"level\":\"INFO\",\"artifact\":\"ms-pago-service\",\"version\":\"1.2.3\",\"correlation_id\":\"abc-123-def-456\",\"endpoint\":\"/api/v1/pagos\",\"method\":\"procesar_pago\",\"message\":\"Pago procesado exitosamente\",\"context\":{\"cliente_id\":123,\"pago_id\":456,\"monto\":\"100.50\",\"moneda\":\"CLP\"}}
```
";

const SCHEMAS: [(&str, &str); 2] = [
    ("`LOG_FORMAT=json`", include_str!("../../../../standards-core/schemas/log-record.schema.json")),
    ("`LOG_FORMAT=ecs`", include_str!("../../../../standards-core/schemas/log-record-ecs.schema.json")),
];

pub(super) fn page() -> String {
    let mut page = BEGINNING.to_owned();
    for (title, text) in SCHEMAS {
        let schema: Value = serde_json::from_str(text).unwrap();
        let _ = write!(
            page,
            "\n## {title}\n\n{}\n\n| key | type | form | what it is |\n|---|---|---|---|\n",
            schema["description"].as_str().unwrap()
        );
        rows(&mut page, "", &schema, text);
    }
    page
}

/// A row for each key of an object, and for those of objects in it.
fn rows(page: &mut String, above: &str, schema: &Value, text: &str) {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, value) in in_order(schema["properties"].as_object().unwrap(), text) {
        let (name, always) = (format!("{above}{key}"), if required.contains(&key) { ", always there" } else { "" });
        let told = value["description"].as_str().unwrap_or_default();
        let _ = writeln!(page, "| `{name}` | {}{always} | {} | {told} |", kind(value), form(value));
        if value["properties"].is_object() {
            rows(page, &format!("{name}."), value, &text[place(text, key)..]);
        }
    }
}

/// As the file has them, which is as a line has them.
fn in_order<'a>(properties: &'a Map<String, Value>, text: &str) -> Vec<(&'a str, &'a Value)> {
    let mut properties: Vec<_> = properties.iter().map(|(key, value)| (key.as_str(), value)).collect();
    properties.sort_by_key(|(key, _)| place(text, key));
    properties
}

fn place(text: &str, key: &str) -> usize {
    text.find(&format!("\"{key}\": {{")).unwrap()
}

fn kind(value: &Value) -> &str {
    if value["enum"].is_array() || value["const"].is_string() { "string" } else { value["type"].as_str().unwrap_or("any") }
}

fn form(value: &Value) -> String {
    let listed =
        |values: &[Value]| values.iter().map(|value| format!("`{}`", value.as_str().unwrap())).collect::<Vec<_>>().join(", ");
    let bound = |name: &str, words: &str| value[name].as_u64().filter(|bound| *bound > 1).map(|bound| format!("{words} {bound}"));
    let pattern = value["pattern"].as_str().map(|pattern| format!("`{}`", pattern.replace('|', "\\|")));
    let fixed = value["const"].as_str().map(|fixed| format!("`{fixed}`"));
    let stated = value["enum"].as_array().map(|values| listed(values)).or(fixed).or(pattern);
    stated.or(bound("maxLength", "characters at most:")).or(bound("maxProperties", "keys at most:")).unwrap_or_default()
}
