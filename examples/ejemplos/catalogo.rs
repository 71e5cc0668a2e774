//! A catalogue of errors of one's own, in two languages: a row has its status, its code and its sentences, and `?` does the rest.
//!
//! `cargo run -p examples --bin ejemplos -- catalogo`
//!
//! ```console
//! $ curl -s http://127.0.0.1:8000/mesas/4
//! {"success":false,"data":null,"errors":[{"code":"MESA_OCUPADA","message":"La mesa 4 está ocupada hasta las 21:30"}]}
//! $ curl -s http://127.0.0.1:8000/mesas/4 -H 'Accept-Language: en'
//! {"success":false,"data":null,"errors":[{"code":"MESA_OCUPADA","message":"Table 4 is taken until 21:30"}]}
//! $ curl -s http://127.0.0.1:8000/mesas/9
//! {"success":false,"data":null,"errors":[{"code":"MESA_NO_ENCONTRADA","message":"No hay una mesa 9"}]}
//! ```
//!
//! What the sentence is made of stands in the record too, each value by its name:
//!
//! ```json
//! {"level": "WARNING", "endpoint": "/mesas/4", "context": {"error_code": "MESA_OCUPADA", "mesa": 4, "hasta": "21:30"}}
//! ```

use standards_axum::extract::Path;
use standards_axum::prelude::*;

error_catalogue! {
    /// Why a mesa cannot be had.
    pub enum MesaError {
        /// Somebody sits there.
        Ocupada { mesa: u8, hasta: String } => 409, MESA_OCUPADA, "La mesa {mesa} está ocupada hasta las {hasta}",
            en "Table {mesa} is taken until {hasta}";
        /// There are fewer mesas.
        NoEncontrada { mesa: u8 } => 404, MESA_NO_ENCONTRADA, "No hay una mesa {mesa}", en "There is no table {mesa}";
    }
}

async fn pedir(Path(mesa): Path<u8>) -> ApiResult<u8> {
    match mesa {
        4 => Err(MesaError::Ocupada { mesa, hasta: "21:30".to_owned() })?,
        9.. => Err(MesaError::NoEncontrada { mesa })?,
        libre => ok(libre),
    }
}

pub(crate) async fn main() -> Exit {
    serve(service_info!(), Router::new().route("/mesas/{mesa}", get(pedir))).await
}
