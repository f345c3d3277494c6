/* init_image.S: the finished init program as bytes of kist: kist_init_start up to kist_init_end. */
	.section .rodata
	.balign 4096
	.global kist_init_start
	.global kist_init_end
kist_init_start:
	.incbin KIST_INIT_IMAGE
kist_init_end:
	.byte 0
	.section .note.GNU-stack, "", %progbits
