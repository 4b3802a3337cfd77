package yspay

// What only the tests look at.
var (
	Failure        = failure
	AnswerOf       = answer
	DefaultTimeout = defaultTimeout
	TimeoutMs      = timeoutMs
	ConfigText     = Config.text
)

// Handle is the client's number; 0 once it is closed.
func (c *Client) Handle() uintptr { return c.handle.Load() }

// IsLive asks the library whether it still knows a client's number.
func IsLive(client uintptr) bool {
	_, err := describe(handle(client))
	return err == nil
}

// VerifyText is what the library itself tells of a response.
func (c *Client) VerifyText(id string, body []byte) (string, error) {
	return verifyResponse(handle(c.handle.Load()), id, body)
}
