//! Rebuild when a migration is added: `sqlx::migrate!` embeds the folder, and cargo does not look
//! into folders that only a macro reads.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
