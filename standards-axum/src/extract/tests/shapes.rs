//! The shapes that a type may have.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU16;

use garde::Validate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use standards_core::{Failure, Language};

use crate::extract::json::parse;

fn read<T: DeserializeOwned + Validate<Context = ()>>(body: &str) -> Result<T, Vec<String>> {
    let messages = |failure: Failure| failure.body(Language::Es).errors().iter().map(|error| error.message.clone()).collect();
    parse(body.as_bytes()).map_err(messages)
}

fn errors<T: DeserializeOwned + Validate<Context = ()>>(body: &str) -> Vec<String> {
    read::<T>(body).err().unwrap_or_default()
}

#[derive(Debug, PartialEq, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Everything {
    float: f64,
    wide: u128,
    negative: i128,
    letter: char,
    pair: (i8, String),
    nothing: (),
    by_number: BTreeMap<u8, bool>,
    boxed: Option<Box<Everything>>,
    #[serde(alias = "positivo")]
    positive: NonZeroU16,
    any: serde_json::Value,
    bytes: Vec<u8>,
    choice: Choice,
}

#[derive(Debug, PartialEq, Deserialize)]
enum Choice {
    Empty,
    One(u8),
    Two(u8, u8),
}

const GOOD: &str = r#"{"float":-1.5e3,"wide":340282366920938463463374607431768211455,"negative":-170141183460469231731687303715884105728,
    "letter":"ñ","pair":[-7,"\u00f1"],"nothing":null,"by_number":{"7":true},"boxed":null,"positive":1,
    "any":{"a":[1,-2,0.5,"x",null,18446744073709551616]},"bytes":[1,2],"choice":{"Two":[1,2]}}"#;

#[test]
fn every_type_is_read_as_serde_json_reads_it() {
    for choice in [r#"{"Two":[1,2]}"#, r#"{"One":1}"#, r#""Empty""#, r#"{"Empty":null}"#] {
        let body = GOOD.replace(r#"{"Two":[1,2]}"#, choice).replace("\"boxed\":null", &format!("\"boxed\":{GOOD}"));
        assert_eq!(read::<Everything>(&body), Ok(serde_json::from_str(&body).unwrap()));
    }
}

#[test]
fn every_type_is_refused_in_plain_words() {
    let body = r#"{"float":"1","wide":-1,"negative":1.0,"letter":"ab","pair":[200,"x",1],"nothing":0,"by_number":{"+7":true},
        "boxed":{},"positive":0,"any":1e999,"bytes":[256],"choice":{"Two":[1]}}"#;
    let mut expected = vec![
        "float: debe ser un número",
        "wide: debe estar entre 0 y 340282366920938463463374607431768211455",
        "negative: debe ser un número entero",
        "letter: debe ser un solo carácter",
        "pair[0]: debe estar entre -128 y 127",
        "pair: no tiene la cantidad de elementos esperada",
        "nothing: debe ser nulo",
        "by_number._7: debe ser un número entero",
    ];
    let boxed = "float wide negative letter pair by_number positive bytes choice";
    let boxed: Vec<_> = boxed.split(' ').map(|field| format!("boxed.{field}: es obligatorio")).collect();
    expected.extend(boxed.iter().map(String::as_str));
    expected.extend(["positive: debe estar entre 1 y 65535", "any: está fuera de rango", "bytes[0]: debe estar entre 0 y 255"]);
    expected.push("choice.Two: no tiene la cantidad de elementos esperada");
    let found = errors::<Everything>(body);
    let missing: Vec<_> = expected.iter().filter(|message| !found.contains(&(**message).to_owned())).collect();
    assert!(missing.is_empty(), "{missing:?} in {found:?}");
}

#[test]
fn an_alias_is_a_repetition_by_the_name_that_was_sent() {
    let body = GOOD.replace("\"positive\":1", "\"positive\":1,\"positivo\":2");
    assert_eq!(errors::<Everything>(&body), ["positivo: está repetido"]);
}

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Closed {
    #[garde(range(min = 1))]
    n: u8,
}

#[test]
fn an_unknown_field_is_refused_where_the_type_says_so() {
    assert_eq!(
        errors::<Closed>(r#"{"a":1,"n":0,"a":2,"__proto__":{}}"#),
        ["a: no es un campo permitido", "__proto__: no es un campo permitido", "n: debe ser mayor o igual que 1"]
    );
}

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct Loose {
    #[serde(flatten)]
    page: Page,
    #[serde(default)]
    rest: HashMap<String, Payment>,
}

#[derive(Debug, Deserialize)]
struct Page {
    limit: u8,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "tipo")]
enum Payment {
    Card { number: u8 },
}

#[test]
fn what_serde_reads_without_a_place_is_refused_where_it_stands() {
    assert_eq!(errors::<Loose>(r#"{"limit":"x"}"#), ["limit: debe ser un número entero"]);
    assert_eq!(errors::<Loose>("{}"), ["limit: es obligatorio"]);
    let tagged = r#"{"limit":1,"rest":{"a":{"tipo":"Card","number":1},"b":{"tipo":"Card"}}}"#;
    assert_eq!(errors::<Loose>(tagged), ["rest.b.number: es obligatorio"]);
    let page = read::<Loose>(r#"{"limit":7,"rest":{"a":{"tipo":"Card","number":1}}}"#).unwrap();
    assert!(page.page.limit == 7 && matches!(page.rest["a"], Payment::Card { number: 1 }));
}

/// A text that no placeholder satisfies.
#[derive(Debug)]
struct Secret;

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "sésamo" => Ok(Self),
            other => Err(serde::de::Error::custom(format!("wrong word: {other}"))),
        }
    }
}

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
#[expect(dead_code, reason = "only its errors matter")]
struct Door {
    word: Secret,
    second: Option<Secret>,
    #[garde(range(min = 1))]
    n: u8,
    m: u8,
}

#[test]
fn a_type_without_a_plausible_value_does_not_hide_its_neighbours() {
    assert_eq!(
        errors::<Door>(r#"{"word":"x","n":"y","m":"z"}"#),
        ["word: no es válido", "n: debe ser un número entero", "m: debe ser un número entero",]
    );
    let optional = r#"{"word":"sésamo","second":"x","n":0,"m":1}"#;
    assert_eq!(errors::<Door>(optional), ["second: no es válido", "n: debe ser mayor o igual que 1"]);
}

/// Its first variant never ends.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only its shape matters")]
enum Endless {
    Again(Box<Endless>),
    Also { a: Box<Endless>, b: Box<Endless> },
}

#[derive(Debug, Deserialize, Validate)]
#[garde(allow_unvalidated)]
#[expect(dead_code, reason = "only its shape matters")]
struct Tree {
    endless: Endless,
    value: serde_json::Value,
    children: Vec<Tree>,
}

#[test]
fn recursion_ends() {
    assert_eq!(errors::<Tree>("{}"), ["endless: es obligatorio"]);
    let deep = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    let value = format!(r#"{{"value":{},"endless":1}}"#, deep(500));
    let found = errors::<Tree>(&value);
    assert!(found[0].contains(": está demasiado anidado") && found[0].len() < 2000, "{found:?}");
    let children = format!(r#"{}1{}"#, r#"{"children":["#.repeat(400), "]}".repeat(400));
    assert!(!errors::<Tree>(&children).is_empty());
}
