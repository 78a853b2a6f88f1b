"""What origination reaches outside of Python with: typesetting, certificates, signatures, QR codes."""
