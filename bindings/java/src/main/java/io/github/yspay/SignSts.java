package io.github.yspay;

/**
 * The signing status of a contract, {@code signSts}.
 *
 * <p>A later version may add statuses: have a {@code default} in a {@code switch}.
 */
public enum SignSts {
    /** {@code 0} 申请中: applied for. */
    APPLYING(0),
    /** {@code 1} 待签署: waiting to be signed. */
    PENDING(1),
    /** {@code 2} 已创建: created. The successful final status, and the only success. */
    CREATED(2),
    /** {@code 3} 已作废: made void. Final. */
    VOIDED(3),
    /** {@code 4} 已过期: expired. Final. */
    EXPIRED(4),
    /** {@code 7} 创建失败: creation failed. Final. */
    CREATE_FAILED(7),
    /** {@code 8} 合同已生成: the contract document was generated. */
    CONTRACT_GENERATED(8),
    /** A status that this version does not know; {@link SignStatus#getText} has it. Neither final nor a success. */
    UNKNOWN(-1);

    private final int number;

    SignSts(int number) {
        this.number = number;
    }

    /** The platform's number; -1 for {@link #UNKNOWN}. */
    public int getNumber() {
        return number;
    }

    /** The status that the platform writes as {@code text}: {@link #UNKNOWN} for anything else than its number. */
    static SignSts of(String text) {
        for (SignSts status : values()) {
            if (status != UNKNOWN && Integer.toString(status.number).equals(text)) {
                return status;
            }
        }
        return UNKNOWN;
    }
}
