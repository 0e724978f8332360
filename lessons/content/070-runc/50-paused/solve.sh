runc pause count
runc kill count TERM
