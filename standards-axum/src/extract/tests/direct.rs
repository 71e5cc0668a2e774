//! What is read in one pass is what is read level by level, and the rest is left to that.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::json::Pago;
use super::properties::{object, value};
use crate::extract::json::parse_unvalidated;
use crate::extract::read::read_directly;

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read through Debug")]
enum Forma {
    Unidad,
    Nueva(i64),
    Tupla(i64, String),
    Campos { numero: u8 },
}

/// A field of each kind; all may be absent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Todo {
    byte: u8,
    entero: i64,
    ancho: Option<i128>,
    simple: f32,
    doble: f64,
    signo: bool,
    letra: Option<char>,
    texto: String,
    unidad: (),
    par: Option<(i64, String)>,
    lista: Vec<Option<u16>>,
    forma: Option<Forma>,
    mapa: HashMap<String, i64>,
    por_numero: BTreeMap<i32, bool>,
    libre: serde_json::Value,
    crudo: Option<Box<RawValue>>,
    dentro: Option<Box<Todo>>,
    octetos: Octetos,
    plano: Plano,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(dead_code, reason = "read through Debug")]
struct Plano {
    #[serde(flatten)]
    resto: BTreeMap<String, serde_json::Value>,
}

/// Takes bytes, of which JSON has none.
#[derive(Debug, Default)]
#[expect(dead_code, reason = "read through Debug")]
struct Octetos(Vec<u8>);

impl<'de> Deserialize<'de> for Octetos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Taken;
        impl Visitor<'_> for Taken {
            type Value = Octetos;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_str<E>(self, text: &str) -> Result<Octetos, E> {
                Ok(Octetos(text.into()))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Octetos, E> {
                Ok(Octetos(bytes.into()))
            }
        }
        deserializer.deserialize_bytes(Taken)
    }
}

/// Gets over whatever its part is refused for.
#[derive(Debug, Default)]
#[expect(dead_code, reason = "read through Debug")]
struct Blando(Option<Interior>);

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read through Debug")]
struct Interior {
    numero: u8,
}

impl<'de> Deserialize<'de> for Blando {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Interior::deserialize(deserializer).ok()))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Confiado {
    blando: Blando,
    admin: bool,
}

fn shown<T: std::fmt::Debug>(value: Option<T>) -> Option<String> {
    value.map(|value| format!("{value:?}"))
}

/// Whether it is read in one pass, and then as it is read otherwise.
#[track_caller]
fn is_direct<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> bool {
    let direct = shown(read_directly::<T>(json));
    if direct.is_some() {
        assert_eq!(direct, shown(parse_unvalidated::<T>(json.as_bytes())), "{json}");
    }
    direct.is_some()
}

#[test]
fn a_good_body_is_read_in_one_pass() {
    assert!(is_direct::<Pago>(r#" {"cliente_id":7,"monto":"1","estado":{"TARJETA":{"numero":3}},"otro":[{"a":1,"a":2}]} "#));
    for json in [
        r#"{"byte":255,"entero":-9223372036854775808,"ancho":170141183460469231731687303715884105727,"signo":true,"letra":"ñ"}"#,
        r#"{"simple":0.1,"doble":0.30000000000000004,"texto":"\u00f1\n","unidad":null,"par":[1,"x"],"lista":[1,null]}"#,
        r#"{"forma":"Unidad","mapa":{"a":1,"a":2},"libre":{"x":[1.5,18446744073709551616]},"crudo":[ 1.0 ],"octetos":"ab"}"#,
        r#"{"forma":{"Nueva":1},"dentro":{"forma":{"Tupla":[1,"x"]},"dentro":{"forma":{"Campos":{"numero":1}}}}}"#,
        r#"{"plano":{"a":1,"b":{"c":[]}},"forma":{"Unidad":null}}"#,
    ] {
        assert!(is_direct::<Todo>(json), "{json}");
    }
}

/// What `serde_json` would take, and the standard's reading does not, or not so.
#[test]
fn what_serde_json_takes_too_freely_is_not_read_in_one_pass() {
    for json in [
        r#"{"dentro":[1,2]}"#,
        r#"{"forma":{"Campos":[1]}}"#,
        r#"{"octetos":"\ud800"}"#,
        r#"{"entero":-0}"#,
        r#"{"por_numero":{"1":true}}"#,
    ] {
        assert!(!is_direct::<Todo>(json), "{json}");
        assert!(json.contains("octetos") || serde_json::from_str::<Todo>(json).is_ok() || json.contains("-0"), "{json}");
    }
}

#[test]
fn regression_a_swallowed_error_does_not_shift_what_follows() {
    for json in [
        r#"{"blando":{"numero":"x","admin":true}"#,
        r#"{"blando":{"numero":"x","admin":true}}"#,
        r#"{"blando":{"numero":"x"},"admin":true}"#,
        r#"{"blando":[1,2],"admin":true}"#,
    ] {
        assert!(!is_direct::<Confiado>(json), "{json}");
    }
    assert!(is_direct::<Confiado>(r#"{"blando":{"numero":1},"admin":true}"#));
}

#[test]
fn what_is_no_json_is_not_read_in_one_pass() {
    for json in ["", "{", "{}x", "{}{}", r#"{"a":01}"#, r#"{"a":1,}"#, r#"{"a":[1,]}"#, r#"{"a":"\x"}"#, "{\"a\":\"\n\"}"] {
        assert!(!is_direct::<Todo>(json), "{json}");
    }
}

/// Itself again and again.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Hondo {
    dentro: Option<Box<Hondo>>,
    libre: serde_json::Value,
}

#[test]
fn it_reads_no_deeper_than_level_by_level() {
    let nested = |depth| format!(r#"{{"libre":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let within = |depth| format!("{}{{}}{}", r#"{"dentro":"#.repeat(depth), "}".repeat(depth));
    for depth in [1, 15, 16, 17, 100, 126, 127, 128, 129, 8000] {
        assert!(!is_direct::<Hondo>(&nested(depth)) || depth < 128, "{depth}");
        assert_eq!(is_direct::<Hondo>(&within(depth)), depth < 16, "{depth}");
    }
    let both =
        |free| format!(r#"{}{{"libre":{}{}}}{}"#, r#"{"dentro":"#.repeat(9), "[".repeat(free), "]".repeat(free), "}".repeat(9));
    assert_eq!([100, 117, 118, 119, 120].map(|free| is_direct::<Hondo>(&both(free))), [true, true, true, false, false]);
}

const NAMES: &[&str] = &[
    "byte",
    "entero",
    "ancho",
    "simple",
    "doble",
    "signo",
    "letra",
    "texto",
    "unidad",
    "par",
    "lista",
    "forma",
    "mapa",
    "por_numero",
    "libre",
    "crudo",
    "dentro",
    "octetos",
    "plano",
    "otro",
];

fn any_field() -> impl Strategy<Value = String> {
    prop::sample::select(NAMES).prop_map(str::to_owned)
}

/// Values of which each fits one of the fields at least, or nearly.
const FITTING: &[&str] = &[
    "0",
    "-0",
    "255",
    "256",
    "-1.5",
    "1e2",
    "1e400",
    "true",
    "null",
    "\"x\"",
    "\"\\ud800\"",
    "[]",
    "[1,\"x\"]",
    "[1,null]",
    "\"Unidad\"",
    "{\"Unidad\":null}",
    "{\"Nueva\":1}",
    "{\"Tupla\":[1,\"x\"]}",
    "{\"Campos\":{\"numero\":1}}",
    "{\"Campos\":[1]}",
    "{}",
    "{\"1\":true}",
    "{\"a\":1}",
    "{\"texto\":\"x\",\"texto\":\"y\"}",
];

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![3 => prop::sample::select(FITTING).prop_map(str::to_owned), 1 => value()]
}

proptest! {
    #[test]
    fn what_is_read_in_one_pass_is_what_is_read_otherwise(fields in prop::collection::vec((any_field(), any_value()), 0..5)) {
        let json = object(fields);
        is_direct::<Todo>(&json);
        is_direct::<Confiado>(&json);
        is_direct::<serde_json::Value>(&json);
    }

    #[test]
    fn a_value_of_any_kind_is_read_the_same(json in any_value()) {
        is_direct::<Option<Forma>>(&json);
        is_direct::<Vec<f64>>(&json);
        is_direct::<Octetos>(&json);
        is_direct::<BTreeMap<String, Todo>>(&json);
        is_direct::<Pago>(&json);
    }
}
