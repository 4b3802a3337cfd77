module github.com/yspay/yspay/bindings/go

go 1.22
