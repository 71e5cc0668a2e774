//! The process: `ms-productos --help` tells what it can be asked.

use standards_axum::prelude::*;

#[tokio::main]
async fn main() -> Exit {
    let cli = Cli::new(ms_productos::info()).about("Keeps productos and sells them");
    cli.api(ms_productos::api).serve(ms_productos::servicio).await
}
