//! Requests made from others: bytes, lines and words changed at random, but the same for the same number.
//!
//! What cargo-fuzz looks for with a nightly compiler, the tests look for without one, in as many cases as `FUZZ_CASES` says. `FUZZ_SEED`
//! makes other ones.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Instant;

use fastrand::Rng;
use futures_util::FutureExt;

/// How often each status was answered; 0 stands for what is no request.
pub(crate) type Statuses = BTreeMap<u16, u64>;

/// The cases of a run, unless `FUZZ_CASES` says otherwise.
pub(crate) fn cases(otherwise: u64) -> u64 {
    number("FUZZ_CASES", otherwise)
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// What the layers and extractors look for.
const LINES: [&str; 32] = [
    "Authorization: Bearer {token}",
    "Authorization: Bearer {secreto}.{secreto}.{secreto}",
    "Authorization: Basic {secreto}",
    "Cookie: sesion={secreto}; token={token}",
    "Content-Type: application/json",
    "Content-Type: application/json; charset=utf-16",
    "Content-Type: text/plain",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: multipart/form-data; boundary=x",
    "Content-Type: multipart/form-data; boundary=\"\"",
    "Content-Encoding: gzip",
    "Content-Length: 17000",
    "Content-Length: 0",
    "Transfer-Encoding: chunked",
    "Expect: 100-continue",
    "X-Correlation-ID: abc-123",
    "X-Correlation-ID: no vale",
    "X-Request-ID: req-7",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "Idempotency-Key: k-1",
    "Idempotency-Key: \"k-1\"",
    "Accept-Language: en;q=0.5, es",
    "Accept: text/html",
    "Origin: https://tienda.cl",
    "Origin: null",
    "Access-Control-Request-Method: POST",
    "Access-Control-Request-Headers: authorization, x-raro",
    "Host: a",
    "Upgrade: websocket",
    "X-Forwarded-For: 10.0.0.1, 1.2.3.4",
    ":frames 1",
    ":broken",
];

/// What stands within a line or a body.
const WORDS: [&str; 40] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "CONNECT",
    "PAGAR",
    "/",
    "//",
    "..",
    "%00",
    "%ff",
    "%2F",
    "?",
    "&",
    "=",
    "{token}",
    "{secreto}",
    "Bearer ",
    "\"",
    "\\",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "-1",
    "1e400",
    "9223372036854775808",
    "4539578763621486",
    "\u{1b}[31m",
    "\r\n",
    "\u{202e}",
    "\n\n",
    "--x\r\n",
    "/fallas/panico",
];

/// Makes inputs of a corpus.
pub(crate) struct Generator {
    seeds: Vec<Vec<u8>>,
    seed: u64,
}

impl Generator {
    pub(crate) fn of(folder: &Path) -> Self {
        let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        Self { seeds: files.iter().map(|file| std::fs::read(file).unwrap()).collect(), seed: number("FUZZ_SEED", 1) }
    }

    /// Has `check` look at these cases. One that breaks a promise is shown as it can be put into the corpus.
    pub(crate) async fn run(&self, cases: impl Iterator<Item = u64>, check: impl AsyncFn(&[u8]) -> Option<u16>) -> Statuses {
        let (mut statuses, begun) = (Statuses::new(), Instant::now());
        for case in cases {
            let input = self.input(case);
            let checked = AssertUnwindSafe(check(&input)).catch_unwind().await;
            let status = checked.unwrap_or_else(|_| panic!("case {case}: {}", input.escape_ascii()));
            *statuses.entry(status.unwrap_or(0)).or_default() += 1;
        }
        let all: u64 = statuses.values().sum();
        println!("{all} cases, {:.0} a second: {statuses:?}", all as f64 / begun.elapsed().as_secs_f64());
        statuses
    }

    /// The input of that number: another one for another seed or corpus, always the same otherwise.
    fn input(&self, case: u64) -> Vec<u8> {
        let mut rng = Rng::with_seed(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ case);
        let mut input = self.any(&mut rng).to_vec();
        for _ in 0..rng.u8(0..8) {
            self.change(&mut input, &mut rng);
        }
        input
    }

    fn any(&self, rng: &mut Rng) -> &[u8] {
        &self.seeds[rng.usize(..self.seeds.len())]
    }

    fn change(&self, input: &mut Vec<u8>, rng: &mut Rng) {
        match rng.u8(..10) {
            0 => replace(input, rng, |rng| vec![rng.u8(..)]),
            1 => replace(input, rng, |_| Vec::new()),
            2 | 3 => replace(input, rng, |rng| pick(&WORDS, rng).into()),
            4 | 5 => with_lines(input, |lines| lines.insert(lines.len().min(1), pick(&LINES, rng).into())),
            6 => with_lines(input, |lines| drop(lines.remove(rng.usize(..lines.len())))),
            7 => with_lines(input, |lines| lines.push(lines[rng.usize(..lines.len())].clone())),
            8 => repeat(input, rng),
            _ => self.splice(input, rng),
        }
    }

    /// The beginning of one with the end of another.
    fn splice(&self, input: &mut Vec<u8>, rng: &mut Rng) {
        let other = self.any(rng);
        let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count();
        let (kept, skipped) = (rng.usize(..=lines(input)), rng.usize(..lines(other)));
        let first = input.split(|byte| *byte == b'\n').take(kept);
        *input = first.chain(other.split(|byte| *byte == b'\n').skip(skipped)).collect::<Vec<_>>().join(&b'\n');
    }
}

fn pick(all: &[&'static str], rng: &mut Rng) -> &'static str {
    all[rng.usize(..all.len())]
}

/// Puts something in the place of a few bytes, or of none.
fn replace(input: &mut Vec<u8>, rng: &mut Rng, with: impl Fn(&mut Rng) -> Vec<u8>) {
    let from = rng.usize(..=input.len());
    let to = (from + rng.usize(..4)).min(input.len());
    let new = with(rng);
    drop(input.splice(from..to, new));
}

/// Some bytes again and again, past what a header, a target or a body may have.
fn repeat(input: &mut Vec<u8>, rng: &mut Rng) {
    let from = rng.usize(..=input.len());
    let to = (from + rng.usize(..12)).min(input.len());
    let again = input[from..to].repeat(rng.usize(..1_500));
    drop(input.splice(to..to, again));
}

fn with_lines(input: &mut Vec<u8>, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let mut lines: Vec<Vec<u8>> = input.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    change(&mut lines);
    *input = lines.join(&b'\n');
}
