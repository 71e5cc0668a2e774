//! The names of the checks of a database, in the order in which they are told.

pub(super) const DATABASE: &str = "base de datos";
/// Those that the URL names, and which of them writes.
pub(super) const SERVERS: &str = "servidores";
pub(super) const SCHEMA: &str = "migraciones";
pub(super) const RIGHTS: &str = "permisos";
pub(super) const POOL: &str = "conexiones";
/// What the service's statements need of a server.
pub(super) const CAPABILITIES: &str = "capacidades";
pub(super) const CLOCK: &str = "reloj";
/// Of a file's pages.
pub(super) const PAGES: &str = "integridad";
/// The room that a file has to grow.
pub(super) const DISK: &str = "disco";

/// All after the first two: what is not known while the database does not answer.
pub(super) const BEHIND: [&str; 7] = [SCHEMA, RIGHTS, POOL, CAPABILITIES, CLOCK, PAGES, DISK];
