//! The worker that plans, compares, plays events and makes links.

fn main() {
    worker_shell::run::<worker::session::Analyst>();
}
