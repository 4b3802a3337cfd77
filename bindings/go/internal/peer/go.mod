module github.com/yspay/yspay/bindings/go/internal/peer

go 1.22

require (
	github.com/emmansun/gmsm v0.29.8
	github.com/yspay/yspay/bindings/go v0.0.0
)

require (
	golang.org/x/crypto v0.33.0 // indirect
	golang.org/x/sys v0.30.0 // indirect
)

replace github.com/yspay/yspay/bindings/go => ../..
