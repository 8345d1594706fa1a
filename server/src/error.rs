//! Why a server does not start.

use crate::store::StoreError;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server does not start. Its text says what is wrong and what to do.
#[derive(Debug)]
pub enum Error {
    /// The app's folder or a file in it cannot be read.
    App {
        /// What could not be read.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// The folder is no built app.
    NoIndex {
        /// The folder without an `index.html`.
        path: PathBuf,
    },
    /// The address cannot be bound.
    Bind {
        /// The wanted address.
        address: SocketAddr,
        /// The system's reason.
        cause: io::Error,
    },
    /// The share store cannot be opened.
    Store {
        /// Its file, or `database` (an address may hold a password).
        place: String,
        /// Its reason.
        cause: StoreError,
    },
    /// The system's certificates, which the way to metrics servers needs, cannot be used.
    Proxy,
    /// Threads or the event loop cannot be started.
    Runtime(io::Error),
}

impl Error {
    /// What it is about: a path or an address.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::App { path, .. } | Self::NoIndex { path } => path.display().to_string(),
            Self::Store { place, .. } => place.clone(),
            Self::Bind { address, .. } => address.to_string(),
            Self::Proxy => "prometheus".to_owned(),
            Self::Runtime(_) => "server".to_owned(),
        }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::App { cause, .. } => format!("cannot be read ({cause})"),
            Self::NoIndex { .. } => "holds no index.html".to_owned(),
            Self::Store { cause, .. } => format!("cannot be used as share store ({cause})"),
            Self::Bind { cause, .. } => format!("cannot be listened on ({cause})"),
            Self::Proxy => "the system's certificates cannot be used".to_owned(),
            Self::Runtime(cause) => format!("its threads cannot be started ({cause})"),
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::App { .. } | Self::NoIndex { .. } => {
                "give the folder of the built app (`cargo xtask dist` writes it to dist)"
            }
            Self::Store { .. } => "give another one, or check that it can be reached and written",
            Self::Bind { .. } => "choose another address or port",
            Self::Proxy => "install them (Debian: ca-certificates), or list no metrics servers",
            Self::Runtime(_) => "check the system's limits",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.subject(), self.what(), self.remedy())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::App { cause, .. } | Self::Bind { cause, .. } | Self::Runtime(cause) => Some(cause),
            Self::NoIndex { .. } | Self::Proxy => None,
            Self::Store { cause, .. } => Some(cause),
        }
    }
}
