//! What stands around the operations.

use std::path::Path;
use std::process::Command;

use sqlx::SqlitePool;
use standards_axum::conformance::check;

use crate::{app, servicio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ms-plantilla");

#[tokio::test]
async fn el_servicio_cumple_el_lineamiento() {
    let (servicio, _folder) = servicio().await;
    check(servicio, Path::new("conformance/perfil.toml")).await.assert_conforms();
}

#[tokio::test]
async fn esta_listo_mientras_su_base_de_datos_responde() {
    let (app, _folder) = app().await;
    assert_eq!(app.get("/health/ready").await.status(), 200);
}

#[tokio::test]
async fn las_migraciones_estan_al_dia() {
    let (_servicio, folder) = servicio().await;
    let url = format!("sqlite://{}", folder.path().join("productos.db").display());
    let pool = SqlitePool::connect(&url).await.unwrap();
    let select = sqlx::query_scalar("select version from _sqlx_migrations where success order by version");
    let done: Vec<i64> = select.fetch_all(&pool).await.unwrap();
    let known: Vec<i64> = sqlx::migrate!().iter().map(|migration| migration.version).collect();
    assert_eq!(done, known);
}

#[test]
fn el_ejemplo_de_ambiente_nombra_todas_las_variables() {
    let printed = Command::new(PROGRAM).args(["config", "env-example"]).output().unwrap();
    assert_eq!(include_str!("../../.env.example"), String::from_utf8(printed.stdout).unwrap());
}

/// Without a key nobody is asked for a token, and nothing tells; with the first key the service would not start.
#[test]
fn cada_operacion_dice_a_quien_atiende() {
    assert_eq!(ms_plantilla::api().undeclared_access(), [""; 0], "each needs `.scope(..)` or `.public()`");
}

#[test]
fn el_documento_no_promete_nada_que_no_se_exija() {
    assert_eq!(ms_plantilla::api().unenforced_bounds(), [""; 0]);
}
