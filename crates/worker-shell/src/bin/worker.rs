//! The worker behind every slider: opens, checks and projects.

fn main() {
    worker_shell::run::<worker::session::Solver>();
}
