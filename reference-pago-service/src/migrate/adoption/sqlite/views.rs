//! How the old tables are read: amounts as hundredths, instants as microseconds, and whether each could be.

/// The hundredths of an amount.
macro_rules! hundredths {
    ($column:literal) => {
        concat!("cast(round(", $column, " * 100) as integer)")
    };
}

/// Whether an amount is the float nearest to those hundredths (a division is rounded correctly), as SQLAlchemy writes a `Decimal`;
/// or a whole number, as SQLite keeps a float that is one.
macro_rules! is_exact {
    ($column:literal) => {
        concat!("(typeof(", $column, ") in ('integer', 'real') and ", hundredths!($column), " / 100.0 = ", $column, ")")
    };
}

/// The microseconds since 1970 of `YYYY-MM-DD hh:mm:ss[.ffffff]`: SQLite's own functions know milliseconds only.
macro_rules! instant {
    ($column:literal) => {
        concat!(
            "(unixepoch(substr(",
            $column,
            ", 1, 19)) * 1000000",
            " + cast(substr(substr(",
            $column,
            ", 21) || '000000', 1, 6) as integer))"
        )
    };
}

/// Whether a text is such an instant, or is missing.
macro_rules! is_instant {
    ($column:literal) => {
        concat!(
            "(",
            $column,
            " is null or (strftime('%Y-%m-%d %H:%M:%S', substr(",
            $column,
            ", 1, 19))",
            " = replace(substr(",
            $column,
            ", 1, 19), 'T', ' ') and substr(",
            $column,
            ", 1, 4) >= '0001'",
            " and substr(",
            $column,
            ", 12, 2) < '24' and (length(",
            $column,
            ") = 19",
            " or (length(",
            $column,
            ") <= 26 and substr(",
            $column,
            ", 20) glob '.[0-9]*'",
            " and substr(",
            $column,
            ", 21) not glob '*[^0-9]*'))))"
        )
    };
}

/// The views read every value as the new tables keep it, and say whether it could be read.
pub(super) const SET_ASIDE: &str = concat!(
    "alter table pagos rename to legacy_pagos;
     alter table clientes rename to legacy_clientes;
     alter table legacy_clientes add column email_normalizado text;
     create view legacy_clientes_read as
     select id, nombre, email, email_normalizado, ",
    hundredths!("saldo"),
    " as saldo, ",
    is_exact!("saldo"),
    " as exact, ",
    instant!("created_at"),
    " as created_at, ",
    is_instant!("created_at"),
    " as dated
     from legacy_clientes;
     create view legacy_pagos_read as
     select id, cliente_id, moneda, estado, ",
    hundredths!("monto"),
    " as monto, ",
    is_exact!("monto"),
    " as exact, ",
    instant!("created_at"),
    " as created_at, ",
    instant!("updated_at"),
    " as updated_at, ",
    is_instant!("created_at"),
    " and ",
    is_instant!("updated_at"),
    " as dated
     from legacy_pagos"
);

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    const READ: &str = concat!("select ", hundredths!("x"), ", ", is_exact!("x"), " from (select cast(?1 as numeric) as x)");

    async fn read(connection: &mut SqliteConnection, amount: f64) -> (i64, bool) {
        sqlx::query_as(READ).bind(amount).fetch_one(connection).await.unwrap()
    }

    #[tokio::test]
    async fn the_float_nearest_to_whole_hundredths_is_exact_and_its_neighbours_are_not() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let scattered = (0..2_000_i64).map(|n| n * 7_919 * 104_729 % 10_000_000_000);
        for hundredths in scattered.chain(0..200).chain([9_999_999_999, 9_999_999_998]) {
            let amount: f64 = format!("{}.{:02}", hundredths / 100, hundredths % 100).parse().unwrap();
            assert_eq!(read(&mut connection, amount).await, (hundredths, true));
            for neighbour in [amount.next_up(), amount.next_down()] {
                assert!(!read(&mut connection, neighbour).await.1, "{neighbour:?}");
            }
        }
    }

    #[tokio::test]
    async fn what_arithmetic_with_floats_leaves_is_not_exact() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        for amount in [0.1 + 0.2, 1.005, 0.001, 1e300, f64::INFINITY, 0.7 + 0.1] {
            assert!(!read(&mut connection, amount).await.1, "{amount:?}");
        }
    }
}
