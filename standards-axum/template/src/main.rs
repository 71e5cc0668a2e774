//! The process: `ms-plantilla --help` tells what it can be asked.

use standards_axum::prelude::*;

#[tokio::main]
async fn main() -> Exit {
    let cli = Cli::new(ms_plantilla::info()).about("Keeps productos and sells them");
    cli.api(ms_plantilla::api).serve(ms_plantilla::servicio).await
}
