module example.org/leak

go 1.19
