package yspay

// What only the tests look at.
var (
	Failure        = failure
	AnswerOf       = answer
	StatsOf        = stats
	DefaultTimeout = defaultTimeout
	TimeoutMs      = timeoutMs
	ConfigText     = Config.text
)

// Handle is the client's number; 0 once it is closed.
func (c *Client) Handle() uintptr { return c.shared.handle.Load() }

// Lookup asks the library whether it still knows a client's number.
func Lookup(client uintptr) error {
	_, err := describe(handle(client))
	return err
}

// VerifyText is what the library itself tells of a response.
func (c *Client) VerifyText(id string, body []byte) (string, error) {
	return verifyResponse(handle(c.shared.handle.Load()), id, body)
}
