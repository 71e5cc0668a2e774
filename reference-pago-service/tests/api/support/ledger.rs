//! What the books say, read behind the service's back.

use reference_pago_service::database::Database;

use super::Fixture;

impl Fixture {
    /// The one number that a query returns.
    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        let number = match &self.database {
            Database::Sqlite(sqlite) => sqlx::query_scalar(query).fetch_one(sqlite.readers()).await,
            Database::Postgres(postgres) => sqlx::query_scalar(query).fetch_one(&mut postgres.connect().await.unwrap()).await,
        };
        number.unwrap()
    }

    /// Every balance is the sum of its recargas less the sum of its pagos that count.
    pub(crate) async fn assert_money_rule(&self) {
        let violations = "
            select count(*) from clientes
            where saldo < 0 or saldo <>
                (select coalesce(sum(monto), 0) from recargas where cliente_id = clientes.id)
                - (select coalesce(sum(monto), 0) from pagos
                   where cliente_id = clientes.id and estado = 'PROCESADO')";
        assert_eq!(self.count(violations).await, 0, "clientes whose balance is wrong");
    }
}
