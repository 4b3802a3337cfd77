//! In the place of the store where the library is built without the feature `redis`: there is none, and no such limiter.
#![allow(dead_code, reason = "nobody can make one")]

use std::sync::Arc;
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::clock::Moment;
use crate::limiter::window::UnderWay;
use crate::signal::Signal;

pub(crate) enum Store {}

#[derive(PartialEq)]
pub(crate) enum Settings {}

pub(crate) enum Grant {}

pub(crate) enum Told {
    Granted(Grant),
    Wait(Duration),
    Hopeless(Duration),
    Refused,
}

pub(crate) enum NoAnswer {
    Away(String),
    DeadlinePassed,
    Cancelled,
}

pub(crate) struct Figures {
    pub(crate) in_use: usize,
    pub(crate) turns: u64,
    pub(crate) reachable: Option<bool>,
    pub(crate) last_error: Option<String>,
    pub(crate) round_trip: Option<Duration>,
}

impl Store {
    pub(crate) fn figures(&self) -> Figures {
        match *self {}
    }

    pub(crate) fn new(settings: Settings, _: &str, _: usize, _: Duration) -> Self {
        match settings {}
    }

    pub(crate) fn settings(&self) -> &Settings {
        match *self {}
    }

    pub(crate) fn ask(&self, _: &str, _: Moment, _: &Arc<Signal>, _: Option<&CancelToken>) -> Result<Told, NoAnswer> {
        match *self {}
    }

    pub(crate) fn away(&self) -> Option<String> {
        match *self {}
    }

    pub(crate) fn leave(&self, _: &str) {
        match *self {}
    }

    pub(crate) fn answered(&self, _: &Grant) {
        match *self {}
    }

    pub(crate) fn unsent(&self, _: &Grant) {
        match *self {}
    }

    pub(crate) fn abandon(&self, _: &Grant, _: Box<dyn UnderWay>) {
        match *self {}
    }

    pub(crate) fn flush(&self) {
        match *self {}
    }

    pub(crate) fn news(&self) -> Option<String> {
        match *self {}
    }
}
