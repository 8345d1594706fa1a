//! The worker that plans, compares and plays events.

fn main() {
    worker_shell::run::<worker::session::Analyst>();
}
