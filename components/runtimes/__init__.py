"""How a `Service` becomes resources: one module a runtime, same shape, same names."""
