cri RuntimeService/Version
