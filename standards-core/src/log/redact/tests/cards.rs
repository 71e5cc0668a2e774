//! Card numbers of every issuer in every spelling, beside numbers that are none.

use proptest::prelude::*;

use super::redactor;

/// What issuers' numbers begin with, and how long they are, as the issuers publish it.
const ISSUERS: &[(&str, &[usize])] = &[
    ("4", &[16, 18, 19]),
    ("5[1-5]", &[16]),
    ("222[1-9]", &[16]),
    ("22[3-9][0-9]", &[16]),
    ("2[3-6][0-9]{2}", &[16]),
    ("27[01][0-9]", &[16]),
    ("2720", &[16]),
    ("3[47]", &[15]),
    ("30[0-5]", &[14, 16, 19]),
    ("3[689]", &[14, 16, 19]),
    ("6011", &[16, 19]),
    ("64[4-9]", &[16, 19]),
    ("65", &[16, 19]),
    ("352[89]", &[16, 17, 18, 19]),
    ("35[3-8][0-9]", &[16, 17, 18, 19]),
    ("62", &[16, 17, 18, 19]),
    ("(5018|5020|5038|5893|6304|6759|676[1-3])", &[14, 15, 16, 17, 18, 19]),
    ("220[0-4]", &[16]),
];

/// How the groups of a number are told apart.
const GAPS: &[&str] = &[
    "",
    " ",
    "  ",
    "   ",
    "-",
    " - ",
    ".",
    "\u{a0}",
    "\u{a0} ",
    "\u{202f}",
    "\u{2009}\u{2009}",
    "\u{2007}",
    "\u{3000}",
    "\t",
    "\u{2010}",
    "\u{2011}",
    "\u{2012}",
    "\u{2013}",
    "\u{2014}",
    " \u{2013} ",
    "\u{2212}",
    "\u{ad}",
    "\u{200b}",
    "\u{feff}",
    "_",
    "/",
    "\u{b7}",
    "+",
    "%20",
    "%C2%A0",
    "\\u{a0}",
    "\\u00a0",
];

fn any_card() -> impl Strategy<Value = String> {
    let issuer = prop::sample::select(ISSUERS).prop_flat_map(|(prefix, lengths)| (prefix, prop::sample::select(lengths)));
    (issuer, "[0-9]{19}").prop_map(|((prefix, length), rest)| {
        let digits: String = prefix.chars().chain(rest.chars()).take(length - 1).collect();
        let last = ('0'..='9').find(|last| passes(&format!("{digits}{last}"))).unwrap();
        format!("{digits}{last}")
    })
}

/// Luhn's check, written another way than the code's.
fn passes(digits: &str) -> bool {
    let doubled = |digit: u32| [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit as usize];
    let digits = digits.chars().rev().map(|digit| digit.to_digit(10).unwrap());
    digits.enumerate().map(|(place, digit)| if place % 2 == 0 { digit } else { doubled(digit) }).sum::<u32>() % 10 == 0
}

/// Fours, as most are printed, or the groups of other issuers; a gap of its own after each group.
fn grouped(card: &str, gaps: &[&str], fours: bool) -> String {
    let sizes: &[usize] = match card.len() {
        14 if !fours => &[4, 6, 4],
        15 if !fours => &[4, 6, 5],
        19 if !fours => &[6, 13],
        _ => &[4, 4, 4, 4, 4],
    };
    let (mut spelled, mut rest) = (String::new(), card);
    for (size, gap) in sizes.iter().zip(gaps) {
        let (group, after) = rest.split_at((*size).min(rest.len()));
        spelled = spelled + group + if after.is_empty() { "" } else { gap };
        rest = after;
    }
    spelled
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// What no issuer's table, however it is written, takes for a card.
fn any_ordinary_number() -> impl Strategy<Value = String> {
    prop_oneof![
        // Shorter ones, EAN-13 and milliseconds among them.
        "[1-9][0-9]{0,12}",
        // What no issuer of payments begins with: UUIDs as numbers, snowflakes, ICCIDs.
        "[1789][0-9]{17,18}",
        // Microseconds, nanoseconds and written-out instants of this century's first half.
        "1[0-9]{15}",
        "1[0-9]{18}",
        "20[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9])([01][0-9])[0-5][0-9][0-5][0-9]([0-9]{3})?",
        // An issuer's, of no length that it has.
        "5[1-5][0-9]{12}",
        "5[1-5][0-9]{15,17}",
        "4[0-9]{13,14}",
        "3[47][0-9]{12}",
        "3[47][0-9]{14,17}",
        // An issuer's, in whose length one digit is wrong.
        any_card().prop_map(|card| {
            let (digits, last) = card.split_at(card.len() - 1);
            format!("{digits}{}", (last.parse::<u8>().unwrap() + 1) % 10)
        }),
        "[1-9][0-9]{19,30}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn a_planted_card_never_survives(
        card in any_card(), gaps in prop::collection::vec(prop::sample::select(GAPS), 5), fours in any::<bool>(),
        before in "([^0-9]{0,20}[^0-9.])?", after in "([^0-9][a-z ]{0,20})?",
    ) {
        let spelled = grouped(&card, &gaps, fours);
        let clean = redactor().clean(&format!("{before}{spelled}{after}")).into_owned();
        prop_assert!(!digits_of(&clean).contains(&card), "{spelled:?} became {clean:?}");
        prop_assert_eq!(digits_of(&clean), "", "{:?} became {:?}", spelled, clean);
        prop_assert!(card.parse().is_ok_and(|number| redactor().denies_number(number)));
    }

    #[test]
    fn an_ordinary_number_is_never_altered(number in any_ordinary_number(), before in "[a-z :(#]{0,10}", after in "[a-z ,;)]{0,10}") {
        let text = format!("{before}{number}{after}");
        prop_assert_eq!(redactor().clean(&text), text.as_str());
        prop_assert!(!number.parse().is_ok_and(|number: u64| redactor().denies_number(number)));
    }
}
