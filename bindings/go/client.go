package yspay

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// Client asks the platform about contracts, as one institution at one address. It may be used by any number of
// goroutines at once. Make one with [New] and keep it. A copy is the same client.
type Client struct{ shared *shared }

// shared is what the copies of a client have in common: as in os.File, for the finalizer must not depend on one of them.
type shared struct {
	// handle is 0 once the client is closed.
	handle atomic.Uintptr
	// timeout is the configured limit of a call.
	timeout time.Duration
}

// New makes a client and reads its key files, once. The error is ErrConfig or ErrCredential.
func New(config Config) (*Client, error) {
	text, err := config.text()
	if err != nil {
		return nil, err
	}
	return NewFromJSON(text)
}

// NewFromJSON makes a client from the library's configuration in JSON, and reads its key files, once. Settings that it
// does not know are refused. The error is ErrConfig, ErrCredential or ErrInvalidArgument.
func NewFromJSON(config string) (*Client, error) {
	made, err := newClient(withEnvironment(config))
	if err != nil {
		return nil, err
	}
	return keep(made, configuredTimeout(config)), nil
}

// NewFromFile makes a client from a configuration file; paths in it are relative to the working directory. The error is
// ErrConfig, also when the file cannot be read, ErrCredential or ErrInvalidArgument.
func NewFromFile(path string) (*Client, error) {
	config, err := os.ReadFile(path)
	if err == nil {
		return NewFromJSON(string(config))
	}
	// What is wrong with it the library says, which does not show a secret in the place of a path.
	made, err := newClientFromFile(path)
	if err != nil {
		return nil, err
	}
	return keep(made, configuredTimeout("{}")), nil
}

func keep(made handle, timeout time.Duration) *Client {
	client := &shared{timeout: timeout}
	client.handle.Store(uintptr(made))
	// A net for those who forget Close.
	runtime.SetFinalizer(client, (*shared).close)
	return &Client{client}
}

// Close frees the client's keys and connections. Calls under way end as they would have; later ones give
// ErrInvalidHandle. It may be called twice, at any time; it never fails.
func (c *Client) Close() error {
	if c != nil && c.shared != nil {
		c.shared.close()
	}
	return nil
}

func (s *shared) close() {
	if open := s.handle.Swap(0); open != 0 {
		runtime.SetFinalizer(s, nil)
		freeClient(handle(open))
	}
}

// QuerySignSts asks for the signing status of a contract: waits for a turn, sends, verifies, and repeats what may be
// repeated. sysSignFlowID has 1 to 50 characters, without control characters, & and =.
//
// It blocks until then, for the configured time limit or until the context's deadline, whichever comes first. A
// cancelled context ends it at once, whatever it is doing; Error.Sent tells whether the question may have reached the
// platform. Every error is an [*Error].
func (c *Client) QuerySignSts(ctx context.Context, sysSignFlowID string) (*Answer, error) {
	defer runtime.KeepAlive(c)
	client, err := c.live()
	if err != nil {
		return nil, err
	}
	if why := ended(ctx); why != nil {
		return nil, endedBefore(why)
	}
	cancel, stop, err := watch(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	text, err := query(client, sysSignFlowID, timeoutMs(ctx, c.shared.timeout), cancel)
	if err != nil {
		var told *Error
		if errors.As(err, &told) && told.Retryable {
			told.context = ended(ctx)
		}
		return nil, err
	}
	return answer(text)
}

// BuildRequest builds the body to post as application/json, for callers with an HTTP client of their own. It does not
// pass the limiter: keeping to 10 calls a second is then the caller's duty. reqFlowID is the request's own number, 1 to
// 20 characters, never repeated; where it is empty, one is made. The error is ErrInvalidArgument or ErrInvalidHandle.
func (c *Client) BuildRequest(sysSignFlowID, reqFlowID string) ([]byte, error) {
	defer runtime.KeepAlive(c)
	client, err := c.live()
	if err != nil {
		return nil, err
	}
	body, err := buildRequest(client, sysSignFlowID, reqFlowID)
	if err != nil {
		return nil, err
	}
	return []byte(body), nil
}

// VerifyResponse verifies the body of an HTTP 200 response that the caller received itself, to a question about
// sysSignFlowID. The error is ErrMalformedResponse, ErrSignature, ErrMismatch, ErrGatewayTimeout, ErrBusiness,
// ErrInvalidArgument or ErrInvalidHandle.
func (c *Client) VerifyResponse(sysSignFlowID string, body []byte) (*Answer, error) {
	defer runtime.KeepAlive(c)
	client, err := c.live()
	if err != nil {
		return nil, err
	}
	text, err := verifyResponse(client, sysSignFlowID, body)
	if err != nil {
		return nil, err
	}
	return answer(text)
}

// Describe tells endpoint, institution, keys and certificates with their dates: nothing secret. The error is
// ErrInvalidHandle.
func (c *Client) Describe() (*Description, error) {
	defer runtime.KeepAlive(c)
	client, err := c.live()
	if err != nil {
		return nil, err
	}
	text, err := describe(client)
	if err != nil {
		return nil, err
	}
	return description(text)
}

// Stats tells what this client has done since it was made, and what its limit looks like now, for monitoring: nothing
// secret. It holds no call up. The error is ErrInvalidHandle.
func (c *Client) Stats() (*Stats, error) {
	defer runtime.KeepAlive(c)
	client, err := c.live()
	if err != nil {
		return nil, err
	}
	text, err := clientStats(client)
	if err != nil {
		return nil, err
	}
	return stats(text)
}

// live is the handle of an open client.
func (c *Client) live() (handle, error) {
	if c != nil && c.shared != nil {
		if open := c.shared.handle.Load(); open != 0 {
			return handle(open), nil
		}
	}
	return 0, closed()
}

// closed is the error of a client that is not open.
func closed() error {
	return &Error{Code: ErrInvalidHandle, Message: "The client is closed, or was made by none of New, NewFromJSON and NewFromFile."}
}

// Version is the version of the C library, for example 0.1.0.
func Version() string { return version() }
