//! Decimals and instants, bound and read as they are.

use sqlx::{Decode, PgPool, Postgres, Row, Sqlite, SqlitePool, Type};
use standards_core::{FixedDecimal, Timestamp};

use crate::bank::{Branch, on_postgres, on_sqlite};

type Saldo = FixedDecimal<2, -100_000, 100_000>;
type Bultos = FixedDecimal<0, 0, 50>;
type Any = FixedDecimal<9, { i64::MIN }, { i64::MAX }>;
type Finest = FixedDecimal<18, { i64::MIN }, { i64::MAX }>;

/// The years 0 and 9999 at their ends, the epochs of Unix and of PostgreSQL, and a microsecond beside each.
const INSTANTS: [i64; 7] =
    [-62_167_219_200_000_000, -1, 0, 946_684_799_999_999, 946_684_800_000_000, 1_751_625_045_123_456, 253_402_300_799_999_999];

async fn numeric<T>(pool: &PgPool, literal: &str) -> Result<T, sqlx::Error>
where
    T: for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin,
{
    let select = format!("select ({literal}) as saldo");
    sqlx::query(sqlx::AssertSqlSafe(select)).fetch_one(pool).await?.try_get("saldo")
}

/// As text: statements without arguments that are sent as they are.
async fn numeric_as_text<T>(pool: &PgPool, literal: &str) -> Result<T, sqlx::Error>
where
    T: for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin,
{
    let select = format!("select ({literal}) as saldo");
    sqlx::raw_sql(sqlx::AssertSqlSafe(select)).fetch_one(pool).await?.try_get("saldo")
}

/// What PostgreSQL makes of a value, in its own words, and the value that comes back.
async fn to_and_fro<const S: u8, const MIN: i64, const MAX: i64>(pool: &PgPool, units: i64) {
    let value = FixedDecimal::<S, MIN, MAX>::from_units(units).unwrap();
    let (text, back): (String, FixedDecimal<S, MIN, MAX>) =
        sqlx::query_as("select $1::text, $1").bind(value).fetch_one(pool).await.unwrap();
    assert_eq!((text, back), (value.to_string(), value));
}

#[tokio::test]
async fn a_decimal_is_postgresqls_numeric_digit_by_digit() {
    on_postgres(async |branch: Branch<Postgres>| {
        let pool = &branch.pool;
        for units in [-100_000, -1, 0, 1, 50, 99, 100, 9_999, 100_000] {
            to_and_fro::<2, -100_000, 100_000>(pool, units).await;
        }
        for units in [i64::MIN, i64::MIN + 1, -1, 0, 1, 10_000, 999_999_999, 1_000_000_000, i64::MAX] {
            to_and_fro::<9, { i64::MIN }, { i64::MAX }>(pool, units).await;
            to_and_fro::<18, { i64::MIN }, { i64::MAX }>(pool, units).await;
            to_and_fro::<0, { i64::MIN }, { i64::MAX }>(pool, units).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_numeric_is_read_by_its_value_whatever_its_places() {
    on_postgres(async |branch: Branch<Postgres>| {
        let cases = [
            ("1.5", 150),
            ("-0.50000", -50),
            ("1000", 100_000),
            ("1e3", 100_000),
            ("0.0", 0),
            ("12.340000000000000000000000000000", 1_234),
        ];
        for (literal, units) in cases {
            let literal = format!("{literal}::numeric");
            assert_eq!(numeric::<Saldo>(&branch.pool, &literal).await.unwrap().units(), units, "{literal}");
            assert_eq!(numeric_as_text::<Saldo>(&branch.pool, &literal).await.unwrap().units(), units, "{literal}");
        }
        let finest = numeric::<Finest>(&branch.pool, "0.000000000000000001::numeric(40, 30)").await.unwrap();
        assert_eq!(finest.units(), 1);
    })
    .await;
}

/// A value, and what is told of it.
const NO_SALDOS: [(&str, &str); 7] = [
    ("'NaN'", "NaN"),
    ("'Infinity'", "Infinity"),
    ("'-Infinity'", "-Infinity"),
    ("1000.01", "one outside the range"),
    ("-1e100", "one outside the range"),
    ("1.001", "one with more decimals"),
    ("1e-100", "one with more decimals"),
];

#[tokio::test]
async fn a_numeric_that_is_no_such_decimal_is_refused_with_its_column() {
    let expected = "a decimal from -1000.00 to 1000.00 of up to 2 places was expected";
    on_postgres(async |branch: Branch<Postgres>| {
        for (literal, instead) in NO_SALDOS {
            let told = format!("error occurred while decoding column \"saldo\": {expected}, not {instead}");
            let literal = format!("{literal}::numeric");
            assert_eq!(numeric::<Saldo>(&branch.pool, &literal).await.unwrap_err().to_string(), told);
            assert_eq!(numeric_as_text::<Saldo>(&branch.pool, &literal).await.unwrap_err().to_string(), told);
        }
        let negative = numeric::<Bultos>(&branch.pool, "-1::numeric").await.unwrap_err();
        assert!(negative.to_string().ends_with("one outside the range"));
        for literal in ["1.5::float8", "1::bigint", "'1.5'::text"] {
            let other = numeric::<Saldo>(&branch.pool, literal).await.unwrap_err();
            assert!(other.to_string().contains("mismatched types"), "{literal}");
        }
    })
    .await;
}

#[tokio::test]
async fn null_is_none_and_nothing_else_and_lists_are_arrays() {
    on_postgres(async |branch: Branch<Postgres>| {
        assert_eq!(numeric::<Option<Saldo>>(&branch.pool, "null::numeric").await.unwrap(), None);
        assert!(numeric::<Saldo>(&branch.pool, "null::numeric").await.unwrap_err().to_string().contains("null"));
        assert_eq!(numeric::<Option<Timestamp>>(&branch.pool, "null::timestamptz").await.unwrap(), None);
        let saldos = vec![Saldo::MIN, Saldo::ZERO, Saldo::MAX];
        let back: Vec<Saldo> = sqlx::query_scalar("select $1").bind(&saldos).fetch_one(&branch.pool).await.unwrap();
        assert_eq!(back, saldos);
        let instants: Vec<_> = INSTANTS.into_iter().filter_map(Timestamp::from_microseconds).collect();
        let back: Vec<Timestamp> = sqlx::query_scalar("select $1").bind(&instants).fetch_one(&branch.pool).await.unwrap();
        assert_eq!(back, instants);
    })
    .await;
}

#[tokio::test]
async fn an_instant_is_postgresqls_timestamptz_to_the_microsecond() {
    on_postgres(async |branch: Branch<Postgres>| {
        for at in INSTANTS {
            let value = Timestamp::from_microseconds(at).unwrap();
            let statement = "select (extract(epoch from $1) * 1000000)::bigint, $1";
            let (counted, back): (i64, Timestamp) = sqlx::query_as(statement).bind(value).fetch_one(&branch.pool).await.unwrap();
            assert_eq!((counted, back), (at, value));
        }
        let noon = "'2025-07-04 06:30:45.123456-04'::timestamptz";
        let expected = Timestamp::from_microseconds(1_751_625_045_123_456).unwrap();
        assert_eq!(numeric::<Timestamp>(&branch.pool, noon).await.unwrap(), expected);
        assert_eq!(numeric_as_text::<Timestamp>(&branch.pool, noon).await.unwrap(), expected);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_instant_is_refused_with_its_column() {
    on_postgres(async |branch: Branch<Postgres>| {
        let told = "error occurred while decoding column \"saldo\": an instant of the years 0 to 9999 was expected";
        for literal in ["'infinity'", "'-infinity'", "'10000-01-01 00:00:00+00'", "'0044-03-15 12:00:00+00 BC'"] {
            let literal = format!("{literal}::timestamptz");
            assert_eq!(numeric::<Timestamp>(&branch.pool, &literal).await.unwrap_err().to_string(), told);
            assert_eq!(numeric_as_text::<Timestamp>(&branch.pool, &literal).await.unwrap_err().to_string(), told);
        }
        assert!(
            numeric::<Timestamp>(&branch.pool, "now()::timestamp").await.unwrap_err().to_string().contains("mismatched types")
        );
    })
    .await;
}

async fn cell<T>(pool: &SqlitePool, literal: &str) -> Result<T, sqlx::Error>
where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + Send + Unpin,
{
    let select = format!("select {literal} as saldo");
    sqlx::query(sqlx::AssertSqlSafe(select)).fetch_one(pool).await?.try_get("saldo")
}

#[tokio::test]
async fn both_are_sqlites_integer() {
    on_sqlite(async |branch: Branch<Sqlite>| {
        for units in [i64::MIN, -1, 0, 1, i64::MAX] {
            let value = Any::from_units(units).unwrap();
            let statement = "select typeof(?1), cast(?1 as text), ?1";
            let row: (String, String, Any) = sqlx::query_as(statement).bind(value).fetch_one(&branch.pool).await.unwrap();
            assert_eq!(row, ("integer".to_owned(), units.to_string(), value));
        }
        for at in INSTANTS {
            let value = Timestamp::from_microseconds(at).unwrap();
            let row: (i64, Timestamp) = sqlx::query_as("select ?1, ?1").bind(value).fetch_one(&branch.pool).await.unwrap();
            assert_eq!(row, (at, value));
        }
    })
    .await;
}

#[tokio::test]
async fn null_is_none_in_sqlite_too() {
    on_sqlite(async |branch: Branch<Sqlite>| {
        let pool = &branch.pool;
        assert_eq!(cell::<Option<Saldo>>(pool, "null").await.unwrap(), None);
        assert_eq!(cell::<Option<Timestamp>>(pool, "null").await.unwrap(), None);
        assert!(cell::<Saldo>(pool, "null").await.unwrap_err().to_string().contains("null"));
        assert!(cell::<Timestamp>(pool, "null").await.unwrap_err().to_string().contains("null"));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_integer_in_range_is_refused_by_sqlite_too() {
    on_sqlite(async |branch: Branch<Sqlite>| {
        let pool = &branch.pool;
        let outside = cell::<Saldo>(pool, "100001").await.unwrap_err().to_string();
        assert!(
            outside.ends_with("a decimal from -1000.00 to 1000.00 of up to 2 places was expected, not one outside the range")
        );
        assert!(
            cell::<Timestamp>(pool, "9223372036854775807").await.unwrap_err().to_string().ends_with("0 to 9999 was expected")
        );
        for literal in ["1.0", "9e999", "'150'", "x'01'"] {
            assert!(cell::<Saldo>(pool, literal).await.is_err(), "{literal}");
            assert!(cell::<Timestamp>(pool, literal).await.is_err(), "{literal}");
        }
        let unchecked = sqlx::query("select 1.5").fetch_one(pool).await.unwrap().try_get_unchecked::<Saldo, _>(0);
        assert!(unchecked.unwrap_err().to_string().ends_with("not what is no INTEGER"));
    })
    .await;
}
