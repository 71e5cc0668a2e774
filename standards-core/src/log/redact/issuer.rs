//! Which numbers are those of cards: by issuer, length and check digit (ISO/IEC 7812-1).

/// The smallest number of 14 digits; shorter ones are barcodes and instants, and cards only where a name says so.
pub(super) const LEAST: u64 = 10_000_000_000_000;

/// The first four digits of an issuer's numbers, from and to, and how many digits such a number has, from and to.
///
/// The industries 3 to 6 of the standard are those of cards for payment, beside them the ranges that begin with 2. Where an issuer's
/// range is finer than four digits, the four stand for it.
const ISSUERS: [(u64, u64, u32, u32); 21] = [
    (1800, 1800, 15, 15), // JCB, as it was
    (2131, 2131, 15, 15),
    (2200, 2205, 16, 16), // Mir, Borica
    (2221, 2720, 16, 16), // Mastercard
    (3000, 3059, 14, 19), // Diners Club
    (3095, 3095, 14, 19),
    (3400, 3499, 15, 15), // American Express
    (3528, 3589, 16, 19), // JCB
    (3600, 3699, 14, 19), // Diners Club
    (3700, 3799, 15, 15), // American Express
    (3800, 3999, 14, 19), // Diners Club
    (4000, 4999, 16, 16), // Visa
    (4000, 4999, 18, 19),
    (5000, 5099, 14, 19), // Maestro, Elo, Verve
    (5100, 5599, 16, 16), // Mastercard
    (5600, 5899, 14, 19), // Maestro
    (6000, 6099, 16, 19), // Discover, RuPay, Cabal, Hipercard
    (6200, 6299, 16, 19), // UnionPay
    (6300, 6399, 14, 19), // Maestro, Elo
    (6400, 6599, 16, 19), // Discover, RuPay
    (6700, 6799, 14, 19), // Maestro
];

/// Whether `number` is that of a card: issuer range, length and Luhn's check all say so.
pub(super) fn is_card_number(number: u64) -> bool {
    number >= LEAST && has_issuer(number) && passes(number)
}

fn has_issuer(number: u64) -> bool {
    let length = number.ilog10() + 1;
    let leading = number / 10_u64.pow(length - 4);
    ISSUERS.iter().any(|(first, last, least, most)| (*first..=*last).contains(&leading) && (*least..=*most).contains(&length))
}

/// Luhn's check: from the right, every second digit counts twice.
const fn passes(number: u64) -> bool {
    let (mut rest, mut sum) = (number, 0);
    while rest > 0 {
        let twice = rest / 10 % 10 * 2;
        sum += rest % 10 + twice / 10 + twice % 10;
        rest /= 100;
    }
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_that_issuers_give_for_tests_are_cards() {
        for number in [
            4_111_111_111_111_111,
            4_012_888_888_881_881,
            5_555_555_555_554_444,
            2_223_003_122_003_222,
            378_282_246_310_005,
            30_569_309_025_904,
            36_227_206_271_667,
            6_011_111_111_111_117,
            3_530_111_333_300_000,
            6_200_000_000_000_005,
            6_304_000_000_000_000,
            6_759_649_826_438_453,
            5_018_000_000_000_000_007,
        ] {
            assert!(is_card_number(number), "{number}");
        }
    }

    #[test]
    fn no_one_of_the_three_is_enough() {
        // Luhn holds for all but the last two.
        for number in [
            5_901_234_123_457,
            4_222_222_222_222,
            1_764_338_231_123_456_786,
            7_000_000_000_000_005,
            9_000_000_000_000_001,
            41_111_111_111_114,
            41_111_111_111_111_113,
            4_111_111_111_111_112,
            0,
        ] {
            assert!(!is_card_number(number), "{number}");
        }
    }
}
