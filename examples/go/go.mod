module example.com/contracts

go 1.22

require github.com/yspay/yspay/bindings/go v0.0.0

replace github.com/yspay/yspay/bindings/go => ../../bindings/go
