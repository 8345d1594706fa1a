//! The worker that reads files and fits.

fn main() {
    worker_shell::run::<worker::session::Importer>();
}
