// SPDX-License-Identifier: MIT

//! The pernet registry: it keeps for each network namespace the state of all who asked for one.
//!
//! ```
//! use pernet::{InitError, Kind, Net, Ops, Registry};
//! use std::sync::Arc;
//!
//! struct Hello;
//!
//! impl Ops for Hello {
//!     fn name(&self) -> &str {
//!         "hello"
//!     }
//!     fn init(&self, net: &Net) -> Result<(), InitError> {
//!         println!("hello, {}", net.name());
//!         Ok(())
//!     }
//!     fn exit(&self, net: &Net) {
//!         println!("goodbye, {}", net.name());
//!     }
//! }
//!
//! # if cfg!(any(feature = "shuttle", feature = "loom")) {
//! #     return Ok(()); // their locks work inside an exploration only
//! # }
//! let registry = Registry::new();
//! let hello: Arc<dyn Ops> = Arc::new(Hello);
//! registry.register(Kind::Subsys, &hello)?; // hello, init_net
//! let net = registry.copy(registry.init_net(), "blue")?; // hello, blue
//! drop(net); // goodbye, blue, on the worker's thread
//! registry.unregister(Kind::Subsys, &hello)?; // goodbye, init_net
//! # Ok::<(), pernet::Error>(())
//! ```
//!
//! The names in brackets, such as [R10], are rows of `docs/correspondence.md`.

mod lists;
mod net;
mod ops;
mod registry;
pub mod rwsem;
mod sync;
mod work;
mod worker;

pub use net::{Net, NetHold, NetRef};
pub use ops::{InitError, Kind, Ops, Undo};
pub use registry::{Registry, Snapshot};
#[cfg(feature = "shuttle")]
#[doc(hidden)]
pub use sync::on_step;

pub use worker::{Cleanup, Worker};

use std::fmt;

/// Why a call failed.
#[derive(Debug)]
pub enum Error {
    /// The ops are registered already (EEXIST).
    Exists,
    /// The ops are not registered, or the count of the net is zero (ENOENT).
    NotFound,
    /// The ops are registered as the other kind (EINVAL).
    WrongKind,
    /// An init failed, and the call is undone.
    Init {
        /// Whose init it was.
        ops: String,
        /// On which net.
        net: String,
        /// What it returned.
        source: InitError,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Exists => write!(f, "the ops are registered already"),
            Error::NotFound => write!(f, "the ops are not registered, or the net has no reference"),
            Error::WrongKind => write!(f, "the ops are registered as the other kind"),
            Error::Init { ops, net, source } => {
                write!(f, "init of {ops} on {net} failed: {source}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Init { source, .. } => Some(&**source),
            _ => None,
        }
    }
}
