//! The protocol's envelope: sealing requests, opening answers.

pub(crate) mod canonical;
mod flow_id;
mod recut;
pub(crate) mod request;
pub(crate) mod response;
mod unreadable;

#[cfg(unix)]
pub(crate) use flow_id::{GivenIds, hold};
pub(crate) use flow_id::{ReqFlowId, SysSignFlowId};
pub(crate) use unreadable::compressed_with;
