-- The whole matrix of generated programs: every source, use and shape.
assert(loadfile("spec/graph/matrix_spec.lua", "t", _ENV))()
