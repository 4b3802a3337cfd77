package peer

import (
	"crypto/des"
	"errors"
)

// decrypt undoes DES/ECB/PKCS5Padding under the first eight bytes of the key string.
func decrypt(ciphertext []byte, key string) ([]byte, error) {
	block, err := des.NewCipher([]byte(key)[:des.BlockSize])
	if err != nil {
		return nil, err
	}
	if len(ciphertext) == 0 || len(ciphertext)%des.BlockSize != 0 {
		return nil, errors.New("the ciphertext is no whole number of blocks")
	}
	plaintext := make([]byte, len(ciphertext))
	for at := 0; at < len(ciphertext); at += des.BlockSize {
		block.Decrypt(plaintext[at:], ciphertext[at:])
	}
	padding := int(plaintext[len(plaintext)-1])
	if padding < 1 || padding > des.BlockSize {
		return nil, errors.New("the padding is wrong")
	}
	end := len(plaintext) - padding
	for _, octet := range plaintext[end:] {
		if int(octet) != padding {
			return nil, errors.New("the padding is wrong")
		}
	}
	return plaintext[:end], nil
}
