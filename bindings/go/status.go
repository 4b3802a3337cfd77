package yspay

import "strconv"

// SignSts is a contract's signing status as the platform wrote it. One that this version does not know is kept as it
// came, and is neither final nor a success.
type SignSts string

const (
	// SignStsApplying is 申请中: applied for.
	SignStsApplying SignSts = "0"
	// SignStsPending is 待签署: waiting to be signed.
	SignStsPending SignSts = "1"
	// SignStsCreated is 已创建: created. The successful final state, and the only success.
	SignStsCreated SignSts = "2"
	// SignStsVoided is 已作废: made void. Final.
	SignStsVoided SignSts = "3"
	// SignStsExpired is 已过期: expired. Final.
	SignStsExpired SignSts = "4"
	// SignStsCreateFailed is 创建失败: creation failed. Final.
	SignStsCreateFailed SignSts = "7"
	// SignStsContractGenerated is 合同已生成: the contract document was generated.
	SignStsContractGenerated SignSts = "8"
)

// String is the name that every language uses, for example CREATED; an unknown status is shown as UNKNOWN("9"), and
// the empty one, which no answer has, as NONE.
func (s SignSts) String() string {
	switch s {
	case SignStsApplying:
		return "APPLYING"
	case SignStsPending:
		return "PENDING"
	case SignStsCreated:
		return "CREATED"
	case SignStsVoided:
		return "VOIDED"
	case SignStsExpired:
		return "EXPIRED"
	case SignStsCreateFailed:
		return "CREATE_FAILED"
	case SignStsContractGenerated:
		return "CONTRACT_GENERATED"
	case "":
		return "NONE"
	}
	return "UNKNOWN(" + strconv.Quote(string(s)) + ")"
}

// IsFinal tells whether no later answer can differ: statuses 2, 3, 4 and 7.
func (s SignSts) IsFinal() bool {
	switch s {
	case SignStsCreated, SignStsVoided, SignStsExpired, SignStsCreateFailed:
		return true
	}
	return false
}

// IsSuccess tells whether the contract is signed and in force: status 2 alone.
func (s SignSts) IsSuccess() bool { return s == SignStsCreated }
